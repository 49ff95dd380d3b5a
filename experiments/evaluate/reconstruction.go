package evaluate

import (
	"errors"
	"fmt"
	"math"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/metrics/image"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
	"gonum.org/v1/gonum/stat"
)

func init() {
	addEvaluation(evaluation{name: "reconstruction", doc: "held-out images decoded from their own codes, against the images",
		order: 10, version: 2, wants: wants(wantsTranslator, wantsReconstruction), do: (*Subject).reconstruction})
}

func wantsReconstruction(w *Subject, c *Codes) string {
	if _, ok := w.Model.(models.Decoder); ok && !hasParts(c) {
		return wantsParts(w, c)
	}
	for side := range w.Domains {
		if !w.can(models.Reconstruction(domains.Side(side))) {
			return "the model does not make an image again"
		}
	}
	return ""
}

const (
	reconstructedImages = 500  // of each domain at most
	span                = 2    // of intensities, from -1 to 1
	leastSSIM           = 11   // pixels a side: the window of the structural similarity
	equalPSNR           = 100. // dB, of an image that comes back bit by bit
)

// reconstruction has the model make held-out images again, a decoder from their own codes with the
// other slot empty, and compares the outcome with the images.
func (w *Subject) reconstruction(c *Codes) error {
	for side, d := range w.Domains {
		letter := domains.Side(side).String()
		rows := w.draw("reconstruction/"+letter, d.Test.Images.Len(), reconstructedImages)
		out, err := w.translated(identity(domains.Side(side)), c, rows, rows)
		if err != nil {
			return err
		}
		original := d.Test.Images.Take(rows)
		r, err := compared(out, original, w.Seed, letter)
		if err != nil {
			return err
		}
		w.Results.Reconstruction = append(w.Results.Reconstruction, r)
		if r.SSIM == nil {
			continue
		}
		value, scales, err := overScales(out, original)
		if err != nil {
			return err
		}
		w.value("reconstruction", fmt.Sprintf("MS-SSIM(%d) on %s", scales, letter), value, original.Len())
	}
	return nil
}

// identity decodes an image of a side from its own codes.
func identity(side domains.Side) translation {
	return translation{"reconstruction", models.Reconstruction(side)}
}

// compared scores reconstructions against their originals.
func compared(out, original *domains.Images, seed uint64, domain string) (reports.Reconstruction, error) {
	n, s := original.Len(), original.Shape
	r := reports.Reconstruction{Domain: domain}
	errors, l1, psnr, ssim := make([]error, n), make([]float64, n), make([]float64, n), make([]float64, n)
	wide := min(s.Height, s.Width) >= leastSSIM
	parallel.For(n, func(i int) {
		x, y := out.At(i), original.At(i)
		e, err := image.Errors(x, y, s.Channels, span, nil)
		l1[i], psnr[i], errors[i] = e.L1, math.Min(e.PSNR, equalPSNR), err
		if err == nil && wide {
			ssim[i], errors[i] = image.SSIM(x, y, s.Channels, s.Height, s.Width, span, nil)
		}
	})
	for _, err := range errors {
		if err != nil {
			return r, fmt.Errorf("experiments: reconstruction of %s: %w", domain, err)
		}
	}
	var err error
	if r.L1, err = average(l1, seed, "reconstruction/l1/"+domain); err != nil {
		return r, err
	}
	if r.PSNR, err = average(psnr, seed, "reconstruction/psnr/"+domain); err != nil {
		return r, err
	}
	if wide {
		e, err := average(ssim, seed, "reconstruction/ssim/"+domain)
		if err != nil {
			return r, err
		}
		r.SSIM = &e
	}
	return r, nil
}

// overScales is the mean structural similarity over as many scales as the images allow.
func overScales(out, original *domains.Images) (mean float64, scales int, err error) {
	n, s := original.Len(), original.Shape
	values, used, failed := make([]float64, n), make([]int, n), make([]error, n)
	parallel.For(n, func(i int) {
		values[i], used[i], failed[i] = image.MultiscaleSSIM(out.At(i), original.At(i), s.Channels, s.Height, s.Width, span, 0)
	})
	if err := errors.Join(failed...); err != nil {
		return 0, 0, fmt.Errorf("experiments: reconstruction: %w", err)
	}
	return stat.Mean(values, nil), used[0], nil
}
