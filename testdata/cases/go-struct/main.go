package main

import (
	"context"
	"log"

	"example.org/maker/${exchange}"
)

func main() {
	client := ${exchange}.New(${exchange}.Options{
		APIKey:    "${key}",
		APISecret: "${secret}",⟦
		Passphrase: "${passphrase}",⟧
	})
	if err := client.Run(context.Background()); err != nil {
		log.Fatal(err)
	}
}
