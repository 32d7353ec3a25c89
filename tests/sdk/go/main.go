// The programs in Go: `conformance` makes the calls told in ../test_sdks.py, `conformance terraform` those of terraform.go.
package main

import (
	"context"
	"fmt"
	"os"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

type step struct {
	name string
	make func(context.Context, aws.Config) error
}

func run(steps []step) error {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	for _, each := range steps {
		if err := each.make(ctx, cfg); err != nil {
			return fmt.Errorf("%s: %w", each.name, err)
		}
		fmt.Println("ok", each.name)
	}
	return nil
}

func expect(seen, wanted any) error {
	if !reflect.DeepEqual(seen, wanted) {
		return fmt.Errorf("wanted %#v, saw %#v", wanted, seen)
	}
	return nil
}

func main() {
	steps := conformance
	if len(os.Args) > 1 && os.Args[1] == "terraform" {
		steps = terraform
	}
	if err := run(steps); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
