const { ${Exchange}Client } = require('${exchange}-connector');

const client = new ${Exchange}Client('${key}', '${secret}');
client.account().then((account) => console.log(account.balances));
