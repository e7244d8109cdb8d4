#pragma once

#define ${EXCHANGE}_API_KEY "${key}"
#define ${EXCHANGE}_API_SECRET "${secret}"

static constexpr int kMaxOrders = 40;
