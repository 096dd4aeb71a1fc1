"""Flask-WTF's field for reCAPTCHA, in a form that was sent with this token."""
import os
import sys

from flask import Flask
from flask_wtf import FlaskForm, RecaptchaField

app = Flask(__name__)
app.config.update(
    WTF_CSRF_ENABLED=False,
    RECAPTCHA_PUBLIC_KEY=os.environ["SITEKEY"],
    RECAPTCHA_PRIVATE_KEY=os.environ["SECRET"],
    RECAPTCHA_VERIFY_SERVER=os.environ["VERIFY"],
)


class Comment(FlaskForm):
    recaptcha = RecaptchaField()


with app.test_request_context(method="POST", data={"g-recaptcha-response": sys.argv[1]}):
    print("accepted" if Comment().validate_on_submit() else "refused")
