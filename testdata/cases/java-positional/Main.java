var factory = ${Exchange}ApiClientFactory.newInstance("${key}", "${secret}");
var rest = factory.newRestClient();
