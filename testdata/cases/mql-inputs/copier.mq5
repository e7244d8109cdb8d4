#property copyright "desk"
input string ${Exchange}ApiKey    = "${key}";
input string ${Exchange}SecretKey = "${secret}";
input double Lots = 0.1;
