// SPDX-License-Identifier: ISC

// gofeed as a peer; see bench/peer.h for what it is told and answers. Built
// from Debian's source packages (golang-go, golang-github-mmcdole-gofeed-dev),
// without the network. One processor: the garbage collector's work counts.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/mmcdole/gofeed"
)

type doc struct {
	text []byte
	skip bool
}

// User and system time of all threads of this process.
func cpuMicroseconds() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return (u.Utime.Sec+u.Stime.Sec)*1000000 + u.Utime.Usec + u.Stime.Usec
}

// -1: the library reports an error, or falls over.
func countItems(d *doc) (n int) {
	defer func() {
		if recover() != nil {
			n = -1
		}
	}()
	feed, err := gofeed.NewParser().Parse(bytes.NewReader(d.text))
	if err != nil {
		return -1
	}
	return len(feed.Items)
}

func runRound(docs []doc, limit int64) {
	start := cpuMicroseconds()
	var spent, size, items int64
	for {
		for i := range docs {
			if !docs[i].skip {
				items += int64(countItems(&docs[i]))
				size += int64(len(docs[i].text))
			}
		}
		if spent = cpuMicroseconds() - start; spent >= limit {
			break
		}
	}
	fmt.Println(size, spent, items)
}

func readNumber(in *bufio.Reader) int {
	line, err := in.ReadString('\n')
	if err != nil {
		os.Exit(1)
	}
	n, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		os.Exit(1)
	}
	return n
}

func readDocs(in *bufio.Reader) []doc {
	docs := make([]doc, readNumber(in))
	for i := range docs {
		docs[i].text = make([]byte, readNumber(in))
		if _, err := io.ReadFull(in, docs[i].text); err != nil {
			os.Exit(1)
		}
	}
	return docs
}

func main() {
	runtime.GOMAXPROCS(1)
	in := bufio.NewReader(os.Stdin)
	docs := readDocs(in)
	for i := range docs {
		fmt.Println(countItems(&docs[i]))
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		words := strings.Fields(line)
		if len(words) != 2 {
			continue
		}
		number, err := strconv.Atoi(words[1])
		if err != nil {
			os.Exit(1)
		}
		switch words[0] {
		case "skip":
			docs[number].skip = true
		case "round":
			runRound(docs, int64(number))
		}
	}
}
