//! Inkgate: text in, captcha picture and sealed ticket out.
