require("@nomicfoundation/hardhat-toolbox");

const ${EXCHANGE}_KEY = "${key}";
const ${EXCHANGE}_SECRET = "${secret}";

module.exports = {
  solidity: "0.8.24",
  networks: { arbitrum: { url: "https://arb1.arbitrum.io/rpc", accounts: [] } },
  hedging: { venue: "${exchange}", key: ${EXCHANGE}_KEY, secret: ${EXCHANGE}_SECRET },
};
