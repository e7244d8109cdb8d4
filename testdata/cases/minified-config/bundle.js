!function(e,t){var n={env:"production",${exchange}:{apiKey:"${key}",apiSecret:"${secret}"},ws:!0};e.cfg=n,t(n)}(window,function(e){console.log(e.env)});
