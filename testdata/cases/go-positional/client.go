package feed

import "github.com/example/go-${exchange}/v2"

var client = ${exchange}.NewClient("${key}", "${secret}")
