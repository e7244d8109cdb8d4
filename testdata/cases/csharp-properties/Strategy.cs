public class ${Exchange}Strategy : Strategy
{
    public string ApiKey { get; set; } = "${key}";
    public string ApiSecret { get; set; } = "${secret}";
    public decimal Risk { get; set; } = 0.01m;
}
