<?php

return [
    'default' => '${exchange}',

    'connections' => [
        '${exchange}' => [
            'api_key' => '${key}',
            'api_secret' => '${secret}',⟦
            'passphrase' => '${passphrase}',⟧
            'sandbox' => env('EXCHANGE_SANDBOX', false),
        ],
    ],
];
