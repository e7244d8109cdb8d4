<?php
require 'vendor/autoload.php';
$exchange = new \ccxt\${exchange}(array(
    'apiKey' => '${key}',
    'secret' => '${secret}',⟦
    'password' => '${passphrase}',⟧
));
var_dump($exchange->fetch_balance());
