// Puts a "show password" button beside each password field; without this script there is none.
for (const field of document.querySelectorAll("input[data-show]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "reveal";
  button.setAttribute("aria-controls", field.id);
  label();
  button.addEventListener("click", () => {
    field.type = field.type === "password" ? "text" : "password";
    label();
  });
  // A field that is sent as text would be kept among the browser's suggestions.
  field.form.addEventListener("submit", () => {
    field.type = "password";
    label();
  });
  field.after(button);

  function label() {
    button.textContent = field.type === "password" ? field.dataset.show : field.dataset.hide;
  }
}
