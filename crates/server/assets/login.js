// The product's own forms show the picture at the ticket's address, so they ask for the ticket alone.
import { keepPicture } from "./picture.js";

const form = document.getElementById("login");

keepPicture({
  ask: () => fetch("/login/captcha", { method: "HEAD", cache: "no-store" }),
  answer: form.elements.captcha,
});
