package launch

import "syscall"

// apart keeps a worker out of the reach of a terminal's Ctrl-C, which its launcher hears
// and passes on. The end of the launcher is told to it by the end of its orders; a
// worker that was stopped is woken to read that.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGCONT}
}
