using ${Exchange}.Net.Clients;
using CryptoExchange.Net.Authentication;

var client = new ${Exchange}RestClient(options =>
{
    options.ApiCredentials = new ApiCredentials("${key}", "${secret}"⟦, "${passphrase}"⟧);
    options.RequestTimeout = TimeSpan.FromSeconds(20);
});
