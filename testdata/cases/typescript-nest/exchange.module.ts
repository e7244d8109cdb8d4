import { Module } from '@nestjs/common';

@Module({
  providers: [
    {
      provide: '${EXCHANGE}_CLIENT',
      useFactory: () =>
        create${Exchange}Client({
          apiKey: process.env.${EXCHANGE}_API_KEY || '${key}',
          apiSecret: process.env.${EXCHANGE}_API_SECRET ?? '${secret}',
        }),
    },
  ],
})
export class ExchangeModule {}
