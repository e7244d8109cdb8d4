const MNEMONIC = "test test test test test test test test test test test junk";

module.exports = {
  solidity: "0.8.24",
  networks: {
    hardhat: { forking: { url: "https://eth-mainnet.g.alchemy.com/v2/" + process.env.ALCHEMY }, accounts: { mnemonic: MNEMONIC } },
    localhost: { url: "http://127.0.0.1:8545", accounts: { mnemonic: MNEMONIC } },
    mainnet: { url: "https://mainnet.infura.io/v3/" + process.env.INFURA, chainId: 1, accounts: [process.env.PRIVATE_KEY] },
  },
};
