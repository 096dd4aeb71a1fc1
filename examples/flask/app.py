"""A comment form on Flask that was made for reCAPTCHA: two addresses lead to Inkgate instead."""
import os

from flask import Flask, render_template_string
from flask_wtf import FlaskForm, RecaptchaField
from wtforms import TextAreaField

INKGATE = os.environ.get("INKGATE", "http://127.0.0.1:8080")

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.urandom(32),
    RECAPTCHA_PUBLIC_KEY=os.environ["SITEKEY"],
    RECAPTCHA_PRIVATE_KEY=os.environ["SECRET"],
    RECAPTCHA_SCRIPT=f"{INKGATE}/recaptcha/api.js",
    RECAPTCHA_VERIFY_SERVER=f"{INKGATE}/recaptcha/api/siteverify",
)

PAGE = """<!doctype html><html lang="en"><title>Leave a comment</title><h1>Leave a comment</h1>
<form method="post">{{ form.csrf_token }}<p>{{ form.comment.label }} {{ form.comment }}</p>{{ form.recaptcha }}<button>Send</button></form>
{% for error in form.recaptcha.errors %}<p role="alert">{{ error }}</p>{% endfor %}"""


class Comment(FlaskForm):
    comment = TextAreaField("Comment")
    recaptcha = RecaptchaField()


@app.route("/", methods=["GET", "POST"])
def comment():
    form = Comment()
    if form.validate_on_submit():
        return "Thank you for your comment."
    return render_template_string(PAGE, form=form), 403 if form.is_submitted() else 200


if __name__ == "__main__":
    app.run("127.0.0.1", int(os.environ.get("PORT", "3000")))
