// Turnstile's page interface: `cf-turnstile` elements and `turnstile`.
(() => {
  "use strict";
  // https://developers.cloudflare.com/turnstile/troubleshooting/client-side-errors/error-codes/
  const ERRORS = { setup: "110200", "rate-limited": "300030" };

  const vendor = InkgateCaptcha.Vendor.of("turnstile", {
    theme: "auto",
    id: (number) => `cf-chl-widget-${number}`,
    hear(widget) {
      const { element, call } = widget;
      const calls = {
        verified() {
          widget.expired = false;
          call("after-interactive-callback");
        },
        expired: () => (widget.expired = true),
        renewed: () => call("timeout-callback"),
        error({ detail }) {
          const code = ERRORS[detail.code] ?? "300010";
          if (!call("error-callback", code)) console.warn(`[Inkgate] ${detail.code} (Turnstile's ${code})`);
        },
      };
      for (const [type, told] of Object.entries(calls)) element.addEventListener(type, told);
      call("before-interactive-callback");
    },
  });
  const replaces = vendor.query.get("compat") === "recaptcha";
  vendor.classes = replaces ? ["cf-turnstile", "g-recaptcha"] : ["cf-turnstile"];
  vendor.field = replaces ? "cf-turnstile-response g-recaptcha-response" : "cf-turnstile-response";

  const quietly = (act) => {
    try {
      return act();
    } catch (problem) {
      console.warn(`[Inkgate] ${problem.message}`);
    }
  };

  globalThis.turnstile = {
    render: (where, settings) => quietly(() => vendor.render(where, settings)),
    execute(which, settings) {
      if (settings && !vendor.at(which)) vendor.render(which, { ...settings, execution: "execute" });
      vendor.find(which).element.execute();
    },
    reset: (which) => quietly(() => vendor.find(which).element.reset()),
    remove: (which) => quietly(() => vendor.remove(which)),
    getResponse: (which) => quietly(() => vendor.find(which).element.getResponse() || undefined),
    isExpired: (which) => Boolean(quietly(() => vendor.find(which).expired)),
    ready: (call) => vendor.ready(call),
    implicitRender: () => vendor.renderAll(),
  };
  if (replaces) globalThis.grecaptcha = globalThis.turnstile;
  vendor.start();
})();
