<?php
define('${EXCHANGE}_KEY', '${key}');
define('${EXCHANGE}_SECRET', '${secret}');
⟦define('${EXCHANGE}_PASSPHRASE', '${passphrase}');
⟧date_default_timezone_set('UTC');
