// hCaptcha's page interface: `h-captcha` elements and `hcaptcha`.
(() => {
  "use strict";
  const ERRORS = {
    "rate-limited": "rate-limited",
    setup: "invalid-data",
    closed: "challenge-closed",
    reset: "challenge-closed",
  };
  const named = ({ code }) => ERRORS[code] ?? "network-error";

  const vendor = InkgateCaptcha.Vendor.of("hcaptcha", {
    classes: ["h-captcha"],
    theme: "light",
    id: (number) => `inkgate-h-${number}`,
    hear({ id, element, call }) {
      const calls = {
        opened: () => call("open-callback"),
        closed: () => call("close-callback"),
        renewed: () => call("chalexpired-callback"),
        error: ({ detail }) => call("error-callback", named(detail)),
      };
      for (const [type, told] of Object.entries(calls)) element.addEventListener(type, told);
      element.dataset.hcaptchaWidgetId = id;
    },
  });
  const replaces = vendor.query.get("recaptchacompat") !== "off";
  vendor.field = replaces ? "h-captcha-response g-recaptcha-response" : "h-captcha-response";

  const found = (id) => {
    try {
      return vendor.find(id).element;
    } catch {
      throw new Error(id === undefined ? "missing-captcha" : "invalid-captcha-id");
    }
  };

  globalThis.hcaptcha = {
    render: (where, settings) => vendor.render(where, settings),
    reset: (id) => found(id).reset(),
    close: (id) => found(id).reset(),
    remove: (id) => vendor.remove(id),
    getResponse: (id) => found(id).getResponse(),
    getRespKey: () => "",
    setData: (id) => void found(id),
    execute(id, settings) {
      if (!settings?.async) return void found(id).execute();
      const element = vendor.widgets.size ? found(id) : null;
      if (!element) return Promise.reject("missing-captcha");
      return element.execute().then((response) => ({ response, key: "" }), (problem) => Promise.reject(named(problem)));
    },
  };
  if (replaces) globalThis.grecaptcha = { ...globalThis.hcaptcha, ready: (call) => vendor.ready(call) };
  vendor.start();
})();
