<?php
$api = new ${Exchange}\API("${key}", "${secret}");
$ticker = $api->prices();
