// SPDX-License-Identifier: Apache-2.0

// What Go's archive/tar makes of many tars: as lister.cpp has it.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

func text(s string) string {
	if s == "" {
		return "-"
	}
	return fmt.Sprintf("%x", s)
}

func list(data []byte, out *bufio.Writer) error {
	types := map[byte]string{tar.TypeReg: "f", tar.TypeRegA: "f", tar.TypeDir: "d", tar.TypeSymlink: "l"}
	reader := tar.NewReader(bytes.NewReader(data))
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		kind, known := types[header.Typeflag]
		if !known {
			kind = "?"
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, reader); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s %s %s %x\n", kind, text(header.Name), text(header.Linkname), sum.Sum(nil))
	}
}

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		size, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			os.Exit(1)
		}
		data := make([]byte, size)
		if _, err := io.ReadFull(in, data); err != nil {
			os.Exit(1)
		}
		fmt.Fprintln(out, "go")
		if err := list(data, out); err != nil {
			fmt.Fprintf(out, "!%s\n", strings.ReplaceAll(err.Error(), "\n", " "))
		}
		fmt.Fprintln(out, ".")
		out.Flush()
	}
}
