"""Flask-Turnstile, in a request that was sent with this token."""
import os
import sys

from flask import Flask
from flask_turnstile import Turnstile

Turnstile.VERIFY_URL = os.environ["VERIFY"]
app = Flask(__name__)
turnstile = Turnstile(site_key=os.environ["SITEKEY"], secret_key=os.environ["SECRET"])

with app.test_request_context(method="POST", data={"cf-turnstile-response": sys.argv[1]}):
    print("accepted" if turnstile.verify() else "refused")
