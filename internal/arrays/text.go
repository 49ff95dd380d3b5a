package arrays

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"
)

var byteOrderMark = []byte("\ufeff")

// Text takes the byte order mark off a UTF-8 text. It fails on UTF-16 and UTF-32, on
// bytes that are not UTF-8 and on NUL, saying where.
func Text(data []byte) ([]byte, error) {
	data = bytes.TrimPrefix(data, byteOrderMark)
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) || bytes.HasPrefix(data, []byte("\x00\x00\xfe\xff")) {
		return nil, errors.New("a text in UTF-16 or UTF-32, by its byte order mark; save it as UTF-8")
	}
	line := 1
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		switch {
		case r == 0:
			return nil, fmt.Errorf("line %d: a NUL byte: not UTF-8 text (UTF-16?); save it as UTF-8", line)
		case r == utf8.RuneError && size == 1:
			return nil, fmt.Errorf("line %d: byte %#02x is not UTF-8; save the text as UTF-8", line, data[at])
		case r == '\n':
			line++
		}
		at += size
	}
	return data, nil
}
