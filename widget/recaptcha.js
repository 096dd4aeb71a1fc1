// reCAPTCHA v2's page interface: `g-recaptcha` elements and `grecaptcha`.
(() => {
  "use strict";
  const vendor = InkgateCaptcha.Vendor.of("recaptcha", {
    classes: ["g-recaptcha"],
    field: "g-recaptcha-response",
    theme: "light",
    id: (number) => number,
    hear: ({ element, call }) => element.addEventListener("error", () => call("error-callback")),
  });
  const score = () => new Error("Inkgate gives no scores: use a reCAPTCHA v2 widget instead of v3");
  if (!["explicit", "onload", null].includes(vendor.query.get("render"))) console.error(score().message);

  globalThis.grecaptcha = Object.assign(globalThis.grecaptcha ?? {}, {
    render: (where, settings, inherit = !settings) => vendor.render(where, settings, inherit),
    reset: (id) => vendor.find(id).element.reset(),
    getResponse: (id) => vendor.find(id).element.getResponse(),
    execute: (id) => (typeof id === "string" ? Promise.reject(score()) : vendor.find(id).element.execute()),
    ready: (call) => vendor.ready(call),
  });
  vendor.start(globalThis.___grecaptcha_cfg?.fns);
})();
