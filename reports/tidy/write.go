package tidy

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// Columns are the names of the columns, in order.
func Columns() []string {
	var out []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Row]()) {
		name, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
		out = append(out, name)
	}
	return out
}

// CSV writes rows below their heading, numbers with all their digits; one that is not there
// is empty.
func CSV(rows []Row) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(Columns()); err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	for i := range rows {
		v := reflect.ValueOf(&rows[i]).Elem()
		var cells []string
		for j := range v.NumField() {
			cells = append(cells, cell(v.Field(j).Interface()))
		}
		if err := w.Write(cells); err != nil {
			return nil, fmt.Errorf("reports: %w", err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

func cell(v any) string {
	if number, ok := v.(*float64); ok {
		if number == nil {
			return ""
		}
		return strconv.FormatFloat(*number, 'g', -1, 64)
	}
	return fmt.Sprint(v)
}

// Parquet writes rows as a file of Parquet: texts as UTF-8, numbers as doubles of which one
// that is not there is null. The same rows give the same bytes.
func Parquet(rows []Row) ([]byte, error) {
	var b bytes.Buffer
	w := parquet.NewGenericWriter[Row](&b, parquet.Compression(&parquet.Snappy), parquet.CreatedBy("venn", "", ""))
	if _, err := w.Write(rows); err != nil {
		return nil, fmt.Errorf("reports: tidy table: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("reports: tidy table: %w", err)
	}
	return b.Bytes(), nil
}
