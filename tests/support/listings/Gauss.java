package org.textbook.algebra;

import java.util.Scanner;

/** Linear equations: private methods, in a package, with a main that reads a system. */
public class Gauss {
    /** Returns null for a singular matrix. */
    private static double[] gauss(double[][] a, double[] b) {
        int n = b.length;
        for (int k = 0; k < n; k++) {
            int p = k;
            for (int i = k + 1; i < n; i++) {
                if (Math.abs(a[i][k]) > Math.abs(a[p][k])) p = i;
            }
            if (Math.abs(a[p][k]) < 1e-12) return null;
            double[] row = a[k]; a[k] = a[p]; a[p] = row;
            double value = b[k]; b[k] = b[p]; b[p] = value;
            for (int i = 0; i < n; i++) {
                if (i == k) continue;
                double f = a[i][k] / a[k][k];
                for (int j = k; j < n; j++) a[i][j] -= f * a[k][j];
                b[i] -= f * b[k];
            }
        }
        for (int k = 0; k < n; k++) b[k] /= a[k][k];
        return b;
    }

    private static double[][] copy(double[][] a) {
        double[][] result = new double[a.length][];
        for (int i = 0; i < a.length; i++) result[i] = a[i].clone();
        return result;
    }

    /** Returns an empty matrix for a singular one. */
    private static double[][] invert(double[][] a) {
        double[][] result = new double[a.length][a.length];
        for (int j = 0; j < a.length; j++) {
            double[] e = new double[a.length];
            e[j] = 1;
            double[] x = gauss(copy(a), e);
            if (x == null) return new double[0][0];
            for (int i = 0; i < a.length; i++) result[i][j] = x[i];
        }
        return result;
    }

    /** Throws an exception for a singular matrix. */
    private static double det(double[][] a) {
        double d = 1;
        for (int k = 0; k < a.length; k++) {
            int p = k;
            for (int i = k; i < a.length; i++) {
                if (Math.abs(a[i][k]) > Math.abs(a[p][k])) p = i;
            }
            if (Math.abs(a[p][k]) < 1e-12) throw new ArithmeticException("The matrix is singular!");
            if (p != k) { double[] row = a[k]; a[k] = a[p]; a[p] = row; d = -d; }
            d *= a[k][k];
            for (int i = k + 1; i < a.length; i++) {
                double f = a[i][k] / a[k][k];
                for (int j = k; j < a.length; j++) a[i][j] -= f * a[k][j];
            }
        }
        return d;
    }

    public static void main(String[] args) {
        System.out.println(new Scanner(System.in).nextInt());
    }
}
