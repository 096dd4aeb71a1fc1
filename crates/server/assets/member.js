// The member form shows what it fetched, as its tutorial does: the picture's address is a blob.
// Screens that are dense or dark take theirs from the ticket's address.
import { keepPicture } from "./picture.js";

const form = document.getElementById("login");

keepPicture({
  ask: () => fetch("/member/captcha", { cache: "no-store" }),
  answer: form.elements.captcha,
  address: async (response) => URL.createObjectURL(await response.blob()),
});
