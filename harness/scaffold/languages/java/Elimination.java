/**
 * Linear equations by elimination with partial pivoting: the program under test.
 *
 * Put your own program in place of this one. Where its class or methods have other names or
 * arguments, change the calls in Driver.java; a main of its own does no harm.
 *
 * An augmented matrix has the right-hand sides in its last columns.
 */
public class Elimination {
    /** Returns the row, from `row` on, with the largest number in the column. */
    static int pivotRow(double[][] a, int row, int column) {
        int pivot = row;
        for (int i = row + 1; i < a.length; i++) {
            if (Math.abs(a[i][column]) > Math.abs(a[pivot][column])) {
                pivot = i;
            }
        }
        return pivot;
    }

    static void swap(double[][] a, int first, int second) {
        double[] kept = a[first];
        a[first] = a[second];
        a[second] = kept;
    }

    /** Subtracts `factor` times `other` from `row`, from `first` on. */
    static void subtract(double[] row, double factor, double[] other, int first) {
        for (int j = first; j < row.length; j++) {
            row[j] -= factor * other[j];
        }
    }
%% if gaussian_elimination or gauss_jordan or rank

    /** Clears the first columns below their pivots. Returns the number of pivots. */
    static int eliminate(double[][] a, int unknowns) {
        int row = 0;
        for (int column = 0; column < unknowns && row < a.length; column++) {
            int pivot = pivotRow(a, row, column);
            if (a[pivot][column] == 0) {
                continue;
            }
            swap(a, row, pivot);
            for (int i = row + 1; i < a.length; i++) {
                double factor = a[i][column] / a[row][column];
                a[i][column] = 0;
                subtract(a[i], factor, a[row], column + 1);
            }
            row++;
        }
        return row;
    }
%% endif
%% if gaussian_elimination

    /** Turns the matrix into row echelon form. */
    static void gaussianElimination(double[][] a, int unknowns) {
        if (eliminate(a, unknowns) < Math.min(a.length, unknowns)) {
            System.out.println("The matrix is singular.");
        }
    }
%% endif
%% if gauss_jordan

%% if gaussian_elimination
    /** Turns a matrix in row echelon form into reduced row echelon form. */
    static void gaussJordan(double[][] a, int unknowns) {
%% else
    /** Turns the matrix into reduced row echelon form. */
    static void gaussJordan(double[][] a, int unknowns) {
        eliminate(a, unknowns);
%% endif
        for (int row = a.length - 1; row >= 0; row--) {
            int column = 0;
            while (column < unknowns && a[row][column] == 0) {
                column++;
            }
            if (column == unknowns) {
                continue;
            }
            double pivot = a[row][column];
            for (int j = column; j < a[row].length; j++) {
                a[row][j] /= pivot;
            }
            for (int i = 0; i < row; i++) {
                double factor = a[i][column];
                a[i][column] = 0;
                subtract(a[i], factor, a[row], column + 1);
            }
        }
    }
%% endif
%% if back_substitution

    static boolean hasOneSolution(double[][] a) {
        int unknowns = a[0].length - 1;
        if (a.length < unknowns) {
            return false;
        }
        for (int i = 0; i < a.length; i++) {
            if (i < unknowns ? a[i][i] == 0 : a[i][unknowns] != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Solves a system in row echelon form, with one right-hand side.
     * Throws ArithmeticException where there is not exactly one solution.
     */
    static double[] backSubstitution(double[][] a) {
        int unknowns = a[0].length - 1;
        if (!hasOneSolution(a)) {
            throw new ArithmeticException("there is not exactly one solution");
        }
        double[] x = new double[unknowns];
        for (int i = unknowns - 1; i >= 0; i--) {
            double sum = a[i][unknowns];
            for (int j = i + 1; j < unknowns; j++) {
                sum -= a[i][j] * x[j];
            }
            x[i] = sum / a[i][i];
        }
        return x;
    }
%% endif
%% if lu or solve or inverse or determinant or log_determinant

    /** Factors P A = L U. A becomes U, and P is the order of the rows of A. Returns the sign of P. */
    static int lu(double[][] a, double[][] l, int[] order) {
        int sign = 1;
        for (int i = 0; i < a.length; i++) {
            order[i] = i;
        }
        for (int k = 0; k < a.length; k++) {
            int pivot = pivotRow(a, k, k);
            if (pivot != k) {
                swap(a, k, pivot);
                swap(l, k, pivot);
                int kept = order[k];
                order[k] = order[pivot];
                order[pivot] = kept;
                sign = -sign;
            }
            for (int i = k + 1; i < a.length && a[k][k] != 0; i++) {
                l[i][k] = a[i][k] / a[k][k];
                a[i][k] = 0;
                subtract(a[i], l[i][k], a[k], k + 1);
            }
            l[k][k] = 1;
        }
        return sign;
    }
%% endif
%% if forward_substitution or solve or inverse

    /** Solves L y = b, where L has 1 on its diagonal. b becomes y. */
    static double[] forwardSubstitution(double[][] l, double[] b) {
        for (int i = 0; i < b.length; i++) {
            for (int j = 0; j < i; j++) {
                b[i] -= l[i][j] * b[j];
            }
        }
        return b;
    }
%% endif
%% if backward_substitution or solve or inverse or least_squares

    /** Solves U x = y. y becomes x. Throws ArithmeticException for a singular U. */
    static double[] backwardSubstitution(double[][] u, double[] y) {
        for (int i = y.length - 1; i >= 0; i--) {
            if (u[i][i] == 0) {
                throw new ArithmeticException("the matrix is singular");
            }
            for (int j = i + 1; j < y.length; j++) {
                y[i] -= u[i][j] * y[j];
            }
            y[i] /= u[i][i];
        }
        return y;
    }
%% endif
%% if solve

    /** Solves A x = b. Throws ArithmeticException for a singular A. */
    static double[] solve(double[][] a, double[] b) {
        int[] order = new int[a.length];
        double[][] l = new double[a.length][a.length];
        lu(a, l, order);
        double[] right = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            right[i] = b[order[i]];
        }
        return backwardSubstitution(a, forwardSubstitution(l, right));
    }
%% endif
%% if inverse

    /** Throws ArithmeticException for a singular A. */
    static double[][] inverse(double[][] a) {
        int n = a.length;
        int[] order = new int[n];
        double[][] l = new double[n][n];
        double[][] result = new double[n][n];
        lu(a, l, order);
        for (int j = 0; j < n; j++) {
            double[] unit = new double[n];
            unit[j] = 1;
            double[] x = backwardSubstitution(a, forwardSubstitution(l, unit));
            // Column j of the inverse of P A is a column of that of A.
            for (int i = 0; i < n; i++) {
                result[i][order[j]] = x[i];
            }
        }
        return result;
    }
%% endif
%% if determinant

    /**
     * Mantissas and powers of two are multiplied apart, because a product of some of the pivots may
     * be too large or too small for a double.
     */
    static double determinant(double[][] a) {
        double mantissa = lu(a, new double[a.length][a.length], new int[a.length]);
        long exponent = 0;
        for (int k = 0; k < a.length; k++) {
            int power = Math.getExponent(a[k][k]);
            mantissa *= Math.scalb(a[k][k], -power);
            int carry = Math.getExponent(mantissa);
            mantissa = Math.scalb(mantissa, -carry);
            exponent += power + carry;
        }
        return Math.scalb(mantissa, (int) Math.max(-5000, Math.min(5000, exponent)));
    }
%% endif
%% if log_determinant

    /** Returns the sign of the determinant and the logarithm of its magnitude. */
    static double[] logDeterminant(double[][] a) {
        double sign = lu(a, new double[a.length][a.length], new int[a.length]);
        double logarithm = 0;
        for (int k = 0; k < a.length; k++) {
            if (a[k][k] == 0) {
                return new double[] {0, Double.NEGATIVE_INFINITY};
            }
            sign *= Math.signum(a[k][k]);
            logarithm += Math.log(Math.abs(a[k][k]));
        }
        return new double[] {sign, logarithm};
    }
%% endif
%% if rank

    /** Returns the number of pivots that elimination finds. */
    static int rank(double[][] a) {
        return eliminate(a, a[0].length);
    }
%% endif
%% if tridiagonal

    /**
     * Solves a tridiagonal system by the Thomas algorithm, without row swaps.
     * Throws ArithmeticException for a pivot 0.
     */
    static double[] tridiagonal(double[] below, double[] diagonal, double[] above, double[] b) {
        for (int i = 0; i < b.length; i++) {
            if (i > 0) {
                double factor = below[i - 1] / diagonal[i - 1];
                diagonal[i] -= factor * above[i - 1];
                b[i] -= factor * b[i - 1];
            }
            if (diagonal[i] == 0) {
                throw new ArithmeticException("a pivot is 0");
            }
        }
        for (int i = b.length - 1; i >= 0; i--) {
            if (i + 1 < b.length) {
                b[i] -= above[i] * b[i + 1];
            }
            b[i] /= diagonal[i];
        }
        return b;
    }
%% endif
%% if cholesky

    /** Returns L with A = L Lᵀ. Throws ArithmeticException where A is not positive definite. */
    static double[][] cholesky(double[][] a) {
        double[][] l = new double[a.length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j <= i; j++) {
                double rest = a[i][j];
                for (int k = 0; k < j; k++) {
                    rest -= l[i][k] * l[j][k];
                }
                if (i == j && !(rest > 0)) {
                    throw new ArithmeticException("the matrix is not positive definite");
                }
                l[i][j] = i == j ? Math.sqrt(rest) : rest / l[j][j];
            }
        }
        return l;
    }
%% endif
%% if least_squares

    /** Reflects column k, from the diagonal down, to a multiple of a unit vector, and b with it. */
    static void reflect(double[][] a, double[] b, int k) {
        double largest = 0;
        double size = 0;
        double square = 0;
        for (int i = k; i < a.length; i++) {
            largest = Math.max(largest, Math.abs(a[i][k]));
        }
        if (largest == 0) {
            return;
        }
        double[] v = new double[a.length];
        for (int i = k; i < a.length; i++) {
            v[i] = a[i][k] / largest;
            size += v[i] * v[i];
        }
        v[k] += Math.copySign(Math.sqrt(size), v[k]);
        for (double value : v) {
            square += value * value;
        }
        for (int j = k; j <= a[0].length; j++) {
            double product = 0;
            for (int i = k; i < a.length; i++) {
                product += v[i] * (j < a[0].length ? a[i][j] : b[i]);
            }
            for (int i = k; i < a.length; i++) {
                double change = 2 * product / square * v[i];
                if (j < a[0].length) {
                    a[i][j] -= change;
                } else {
                    b[i] -= change;
                }
            }
        }
    }

    /**
     * Returns the x with the smallest residual b - A x. Throws ArithmeticException where the
     * columns of A depend on each other, but for rounding.
     */
    static double[] leastSquares(double[][] a, double[] b) {
        int columns = a[0].length;
        if (a.length < columns) {
            throw new ArithmeticException("there are fewer equations than unknowns");
        }
        double largest = 0;
        double smallest = Double.POSITIVE_INFINITY;
        for (int k = 0; k < columns; k++) {
            reflect(a, b, k);
            largest = Math.max(largest, Math.abs(a[k][k]));
            smallest = Math.min(smallest, Math.abs(a[k][k]));
        }
        if (!(smallest > a.length * Math.ulp(1.0) * largest)) {
            throw new ArithmeticException("the columns depend on each other");
        }
        return backwardSubstitution(a, java.util.Arrays.copyOf(b, columns));
    }
%% endif
%% if conjugate_gradient

    static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    /**
     * Returns an x whose residual is at most 1e-10 times b, for a positive definite A. Throws
     * ArithmeticException where A is not positive definite, and after 10n steps.
     */
    static double[] conjugateGradient(double[][] a, double[] b) {
        // The squares of large and small numbers are no doubles.
        double scale = 0;
        for (double value : b) {
            scale = Math.max(scale, Math.abs(value));
        }
        double[] x = new double[b.length];
        double[] residual = new double[b.length];
        double[] product = new double[b.length];
        for (int i = 0; i < b.length; i++) {
            residual[i] = scale > 0 ? b[i] / scale : 0;
        }
        double[] direction = residual.clone();
        double square = dot(residual, residual);
        double limit = 1e-20 * square;
        for (int step = 0; square > limit; step++) {
            for (int i = 0; i < b.length; i++) {
                product[i] = dot(a[i], direction);
            }
            double curvature = dot(direction, product);
            if (step == 10 * b.length || !(curvature > 0)) {
                throw new ArithmeticException("the matrix is not positive definite");
            }
            double length = square / curvature;
            double before = square;
            subtract(x, -length, direction, 0);
            subtract(residual, length, product, 0);
            square = dot(residual, residual);
            for (int i = 0; i < b.length; i++) {
                direction[i] = residual[i] + square / before * direction[i];
            }
        }
        if (!(square <= limit)) {
            throw new ArithmeticException("the iteration does not converge");
        }
        for (int i = 0; i < b.length; i++) {
            x[i] *= scale;
        }
        return x;
    }
%% endif
}
