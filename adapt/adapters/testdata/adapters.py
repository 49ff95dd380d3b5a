"""Golden values of adapters on a small task, by NumPy 1.x and SciPy, written from the
papers' formulas without a look at the program: python3 adapters.py > adapters.json

Embeddings are given as Gram matrices of the stacked rows, which signs and rotations of
a basis do not change.
"""
import json

import numpy as np
from scipy.integrate import quad_vec
from scipy.linalg import eigh, sqrtm
from scipy.optimize import linprog, minimize

rng = np.random.RandomState(4)
n, m, d, C = 15, 12, 4, 3
ys = np.arange(n) % C
centres = rng.randn(C, d) * 1.5
Xs = centres[ys] + rng.randn(n, d)
Xt = (centres[np.arange(m) % C] + rng.randn(m, d)) @ (np.eye(d) + 0.3 * rng.randn(d, d)) + 0.4
X = np.vstack([Xs, Xt])
N = n + m
H = np.eye(N) - 1 / N
out = {"Xs": Xs.tolist(), "Xt": Xt.tolist(), "ys": ys.tolist()}
put = lambda name, v: out.__setitem__(name, np.asarray(v, float).tolist())


def gram(Z):
    return Z @ Z.T


def basis(A, k):
    w, V = eigh(np.cov(A.T))
    return V[:, ::-1][:, :k]


def unit(A):
    return A / np.linalg.norm(A, axis=1, keepdims=True)


def sq(A, B):
    return ((A[:, None] - B[None]) ** 2).sum(-1)


def onenn(Zs, Zt):
    return ys[sq(Zt, Zs).argmin(1)]


# PCA, subspace alignment, CORAL, linear transport
P = basis(X, 2)
put("pca", gram((X - X.mean(0)) @ P))
Ps, Pt = basis(Xs, 2), basis(Xt, 2)
put("subspace-alignment", gram(np.vstack([(Xs - Xs.mean(0)) @ Ps @ Ps.T @ Pt, (Xt - Xt.mean(0)) @ Pt])))
Cs, Ct = np.cov(Xs.T) + np.eye(d), np.cov(Xt.T) + np.eye(d)
put("coral", Xs @ np.linalg.inv(sqrtm(Cs)) @ sqrtm(Ct))
r = sqrtm(Cs)
ri = np.linalg.inv(r)
put("linear-ot", (Xs - Xs.mean(0)) @ (ri @ sqrtm(r @ Ct @ r) @ ri) + Xt.mean(0))

# GFK by quadrature along the geodesic: Phi(t) = A cos(t theta) - B sin(t theta)
Ps, Pt = basis(Xs, 2), basis(Xt, 2)
U1, g, V1 = np.linalg.svd(Ps.T @ Pt)
theta = np.arccos(np.clip(g, -1, 1))
A = Ps @ U1
B = -(Pt @ V1.T - A * g) / np.sin(theta)
phi = lambda t: A * np.cos(t * theta) - B * np.sin(t * theta)
assert np.allclose(gram(phi(1)), gram(Pt))  # it ends at the target
G, _ = quad_vec(lambda t: gram(phi(t)), 0, 1)
put("gfk", X @ G @ X.T)

# TCA, JDA, BDA, TJM: the generalised eigenproblem by SciPy
e0 = np.concatenate([np.full(n, 1 / n), np.full(m, -1 / m)])
M0 = np.outer(e0, e0)


def conditional(yp, weighted=False):
    M = np.zeros((N, N))
    for c in range(C):
        if (ys == c).any() and (yp == c).any():
            ratio = (yp == c).mean() / (ys == c).mean() if weighted else 1
            e = np.concatenate([(ys == c) / (ys == c).sum(), -ratio * (yp == c) / (yp == c).sum()])
            M += np.outer(e, e)
    return M


def top(Bm, Am, k):
    w, V = eigh(Bm, Am)
    return V[:, ::-1][:, :k]


def transfer(F, k, lam, iterations, make, G=None):
    yp, Z = None, None
    for _ in range(iterations):
        M = make(yp)
        M = M / np.linalg.norm(M)
        W = top(F.T @ H @ F, F.T @ M @ F + lam * np.eye(F.shape[1]), k)
        Z = unit(F @ W)
        yp = onenn(Z[:n], Z[n:])
    return Z


Xu = unit(X)
K = gram(Xu)
put("tca/primal", gram(transfer(Xu, 2, 0.7, 1, lambda yp: M0)))
put("tca/linear", gram(transfer(K, 2, 0.7, 1, lambda yp: M0)))
Kr = np.exp(-0.8 * sq(Xu, Xu))
put("tca/rbf", gram(transfer(Kr, 2, 0.7, 1, lambda yp: M0)))
joint = lambda yp: C * M0 + (0 if yp is None else conditional(yp))
put("jda", gram(transfer(K, 2, 0.7, 4, joint)))
put("bda", gram(transfer(Xu, 2, 0.7, 4, lambda yp: M0 if yp is None else 0.7 * C * M0 + 0.3 * conditional(yp, True))))

g = np.ones(N)
M = M0 / np.linalg.norm(M0)
for _ in range(3):
    W = top(K @ H @ K, K @ M @ K + 0.7 * np.diag(g), 2)
    length = np.linalg.norm(W[:n], axis=1)
    g[:n] = 1 / (2 * length + 1e-8 * length.mean())
put("tjm", gram(unit(K @ W)))

# JGSA, two passes
Us, Ut = unit(Xs), unit(Xt)
yp = onenn(Us, Ut)
Sw, Sb = np.zeros((d, d)), np.zeros((d, d))
for c in range(C):
    mc = Us[ys == c].mean(0)
    Sw += gram((Us[ys == c] - mc).T)
    Sb += (ys == c).sum() * np.outer(mc - Us.mean(0), mc - Us.mean(0))
St = gram((Ut - Ut.mean(0)).T)
beta, lam, mu = 0.1, 0.9, 1.2
I, O = np.eye(d), np.zeros((d, d))
for _ in range(2):
    M = joint(yp)
    M = M / np.linalg.norm(M)
    Ms, Mt, Mst = Us.T @ M[:n, :n] @ Us, Ut.T @ M[n:, n:] @ Ut, Us.T @ M[:n, n:] @ Ut
    den = np.block([[Ms + lam * I + beta * Sw, Mst - lam * I], [Mst.T - lam * I, Mt + (lam + mu) * I]])
    W = top(np.block([[beta * Sb, O], [O, mu * St]]), den, 3)
    Z = np.vstack([Us @ W[:d], Ut @ W[d:]])
    yp = onenn(Z[:n], Z[n:])
put("jgsa", gram(Z))

# EasyTL as a linear program, and one in which a class starves
def easy(Xt):
    means = np.stack([Xs[ys == c].mean(0) for c in range(C)])
    D = np.sqrt(sq(means, Xt))
    k = Xt.shape[0]
    eq = np.zeros((k, C * k))
    ub = np.zeros((C, C * k))
    for c in range(C):
        for j in range(k):
            eq[j, c * k + j] = 1
            ub[c, c * k + j] = -1
    res = linprog(D.ravel(), ub, -np.ones(C), eq, np.ones(k), (0, 1), method="highs")
    return res.x.reshape(C, k).argmax(0)


put("easytl", easy(Xt))
hungry = Xs[ys != 1][:7] + 0.1 * rng.randn(7, d)
put("easytl/hungry", hungry)
put("easytl/fed", easy(hungry))

# MEDA, two passes, the whole system solved each time
dim, p, lamM, rho, eta, muM = 2, 3, 10.0, 1.0, 0.1, 0.4
C_, S_ = np.cos, np.sin
l1 = 0.5 * (1 + np.sin(2 * theta) / (2 * theta))
w, V = eigh(G)
Z = unit(X @ (V * np.sqrt(np.clip(w, 0, None))) @ V.T)  # rows with inner products x'Gx
K_ = np.exp(-0.5 * sq(Z, Z))
cosine = gram(Z)
Wg = np.zeros((N, N))
for i in range(N):
    near = [j for j in np.argsort(-cosine[i], kind="stable") if j != i][:p]
    for j in near:
        Wg[i, j] = Wg[j, i] = max(0, cosine[i, j])
D_ = np.diag(1 / np.sqrt(Wg.sum(1)))
L = np.eye(N) - D_ @ Wg @ D_
E = np.diag(np.concatenate([np.ones(n), np.zeros(m)]))
Y = np.zeros((N, C))
Y[np.arange(n), ys] = 1
yp = onenn(Z[:n], Z[n:])
for _ in range(2):
    M = (1 - muM) * C * M0 + muM * conditional(yp)
    M = M / np.linalg.norm(M)
    F = K_ @ np.linalg.solve((E + lamM * M + rho * L) @ K_ + eta * np.eye(N), E @ Y)
    yp = F[n:].argmax(1)
ex = np.exp(F[n:])
put("meda", ex / ex.sum(1, keepdims=True))

# Kernel mean matching by SLSQP
gam = 0.2
Kss, k_ = np.exp(-gam * sq(Xs, Xs)) + 1e-5 * np.eye(n), n / m * np.exp(-gam * sq(Xs, Xt)).sum(1)
eps, bound = 0.1, 2.0
res = minimize(lambda b: 0.5 * b @ Kss @ b - k_ @ b, np.ones(n), jac=lambda b: Kss @ b - k_, bounds=[(0, bound)] * n, method="SLSQP",
               constraints=[{"type": "ineq", "fun": lambda b: b.sum() - n * (1 - eps)}, {"type": "ineq", "fun": lambda b: n * (1 + eps) - b.sum()}],
               options={"ftol": 1e-14, "maxiter": 1000})
put("kmm", res.x)

# KLIEP by SLSQP, uLSIF and RuLSIF in closed form; every target row is a centre
Phis, Phit = np.exp(-gam * sq(Xs, Xt)), np.exp(-gam * sq(Xt, Xt))
b_ = Phis.mean(0)
res = minimize(lambda a: -np.log(Phit @ a).mean(), np.ones(m) / b_.sum(), jac=lambda a: -(Phit / (Phit @ a)[:, None]).mean(0), bounds=[(0, None)] * m, method="SLSQP",
               constraints=[{"type": "eq", "fun": lambda a: b_ @ a - 1}], options={"ftol": 1e-14, "maxiter": 2000})
put("kliep", [np.log(Phit @ res.x).sum()])
for name, alpha in (("ulsif", 0.0), ("rulsif", 0.3)):
    Hm = (1 - alpha) * Phis.T @ Phis / n + alpha * Phit.T @ Phit / m
    put(name, np.maximum(0, Phis @ np.linalg.solve(Hm + 0.1 * np.eye(m), Phit.mean(0))))

# Exact transport by linear programming; Sinkhorn on logarithms
cost = sq(Xs, Xt)
eq = np.zeros((N, n * m))
for i in range(n):
    eq[i, i * m:(i + 1) * m] = 1
for j in range(m):
    eq[n + j, j::m] = 1
res = linprog(cost.ravel(), A_eq=eq, b_eq=np.concatenate([np.full(n, 1 / n), np.full(m, 1 / m)]), method="highs")
put("emd", n * res.x.reshape(n, m) @ Xt)


def sinkhorn(c, eps, steps=20000):
    from scipy.special import logsumexp
    f, g = np.zeros(n), np.zeros(m)
    for _ in range(steps):
        f = -eps * logsumexp((g[None] - c) / eps, axis=1) - eps * np.log(n)
        g = -eps * logsumexp((f[:, None] - c) / eps, axis=0) - eps * np.log(m)
    return np.exp((f[:, None] + g[None] - c) / eps)


c = cost / np.median(cost)
move = lambda P: (P / P.sum(1, keepdims=True)) @ Xt
put("sinkhorn", move(sinkhorn(c, 0.3)))
P = sinkhorn(c, 0.3)
for _ in range(10):
    W = np.zeros((n, m))
    for k in range(C):
        W[ys == k] = 0.5 * (P[ys == k].sum(0) + 1e-3) ** -0.5
    P = sinkhorn(c + 0.2 * W, 0.3, 3000)
put("sinkhorn/l1lp", move(P))


def group(p):
    P = p.reshape(n, m)
    return sum(np.linalg.norm(P[ys == k], axis=0).sum() for k in range(C))



# Label spreading, dense
k, gamma, alpha = 3, 0.3, 0.9
Wp = np.zeros((N, N))
D2 = sq(X, X)
for i in range(N):
    for j in [j for j in np.argsort(D2[i], kind="stable") if j != i][:k]:
        Wp[i, j] = Wp[j, i] = np.exp(-gamma * D2[i, j])
Dp = np.diag(1 / np.sqrt(Wp.sum(1)))
F = np.linalg.solve(np.eye(N) - alpha * Dp @ Wp @ Dp, Y)[n:]
put("label-spreading", F / F.sum(1, keepdims=True))

count = np.bincount(np.argsort(cost, axis=0, kind="stable")[:2].ravel(), minlength=n) + 0.5
put("nearest-weights", count)
print(json.dumps(out))
