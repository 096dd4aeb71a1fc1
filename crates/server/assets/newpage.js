// The newpage form shows the picture at the ticket's address, so it asks for the ticket alone.
import { keepPicture } from "./picture.js";

const form = document.getElementById("login");

keepPicture({
  ask: () => fetch(`/newpage/getcode/?t=${Math.random()}`, { method: "HEAD", cache: "no-store" }),
  answer: form.elements.verify_code,
});

// A wrong code comes back by a redirect, which carries no name: this tab remembers it that long.
const KEPT = "inkgate-username";
const name = form.elements.username;
if (form.dataset.again === "true" && name.value === "") {
  name.value = sessionStorage.getItem(KEPT) ?? "";
}
sessionStorage.removeItem(KEPT);
form.addEventListener("submit", () => sessionStorage.setItem(KEPT, name.value));
