<?php
// Google's own client for PHP, with this token.
require 'ReCaptcha/autoload.php';

use ReCaptcha\ReCaptcha;
use ReCaptcha\RequestMethod\Post;

$recaptcha = new ReCaptcha(getenv('SECRET'), new Post(getenv('VERIFY')));
$answer = $recaptcha->setExpectedHostname('127.0.0.1')->verify($argv[1]);
echo $answer->isSuccess() ? 'accepted' : 'refused ' . implode(' ', $answer->getErrorCodes());
