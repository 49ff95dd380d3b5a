#!/usr/bin/env python3
"""Writes clusters.json beside itself: scores of partitions by scikit-learn on codes that the test
makes too. Run: python3 clusters.py"""
import json
import math
import os

import numpy
import sklearn
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_score

# Four uneven heaps in the plane, and labels that mostly follow them.
n = 90
heap = [(i * i) % 7 % 4 for i in range(n)]
x = numpy.array([[3 * math.cos(1.7 * h) + math.sin(12.9 * i), 3 * math.sin(1.7 * h) + math.cos(7.3 * i)] for i, h in enumerate(heap)])
labels = [h if i % 5 else (h + 1) % 4 for i, h in enumerate(heap)]
best = KMeans(4, n_init=200, random_state=0).fit(x)
out = {"about": "scikit-learn " + sklearn.__version__, "ari": adjusted_rand_score(labels, heap), "nmi": normalized_mutual_info_score(labels, heap),
       "silhouette": silhouette_score(x, labels), "inertia": float(best.inertia_),
       "kmeans_ari": adjusted_rand_score(labels, best.labels_), "kmeans_nmi": normalized_mutual_info_score(labels, best.labels_)}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "clusters.json"), "w") as f:
    json.dump(out, f, indent=1)
