import { RestClient } from '${exchange}-api';

const API_KEY: string = '${key}';
const API_SECRET: string = '${secret}';
⟦const API_PASSPHRASE: string = '${passphrase}';
⟧
export class Trader {
  private readonly client = new RestClient({
    key: API_KEY,
    secret: API_SECRET,
    testnet: false,
  });

  async equity(): Promise<number> {
    const { result } = await this.client.getWalletBalance();
    return Number(result.totalEquity);
  }
}
