import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.function.BiPredicate;
import java.util.stream.IntStream;

/**
 * Reads linear systems from standard input, passes them to @{ listing }@, and prints the results.
 * docs/protocol.md describes both sides. Only the methods with ADAPT depend on the program.
 *
 * Each call gets copies, which the program may change. Where it has no answer, the program may
 * throw: the driver then prints `failed PROCEDURE MESSAGE`. Or it may return null or an empty
 * array: the driver then prints `refused PROCEDURE returned null`. Where the program says so
 * otherwise, throw Refused here:
 *     return @{ stem }@.solve(A, b).orElse(null);                     // it returns an Optional
 *     double[] x = new double[b.length];
 *     if (@{ stem }@.solve(A, b, x) == -1) throw new Refused("returned -1");
 *     return x;                                                      // it returns a status
 * Methods that are not static: new @{ stem }@().solve(A, b).
 */
public class Driver {
    /** The program returned something that says that there is no answer. */
    static class Refused extends RuntimeException {
        Refused(String reason) {
            super(reason);
        }
    }

%% if gaussian_elimination
    /** ADAPT: the row echelon form of M = [A | B]; the first columns are those of the unknowns */
    static double[][] gaussianElimination(double[][] M, int unknowns) throws Exception {
        @{ stem }@.gaussianElimination(M, unknowns);
        return M;
    }

%% endif
%% if gauss_jordan
    /** ADAPT: the reduced row echelon form of M@{ ", which is in row echelon form" if gaussian_elimination else " = [A | B]" }@ */
    static double[][] gaussJordan(double[][] M, int unknowns) throws Exception {
        @{ stem }@.gaussJordan(M, unknowns);
        return M;
    }

%% endif
%% if back_substitution
    /** ADAPT: the solution x of M = [A | b]@{ ", which is in row echelon form" if gaussian_elimination or gauss_jordan }@ */
    static double[] backSubstitution(double[][] M) throws Exception {
        return @{ stem }@.backSubstitution(M);
    }

%% endif
%% if lu
    /** ADAPT: P, L and U with P A = L U */
    static double[][][] lu(double[][] A) throws Exception {
        int[] order = new int[A.length];
        double[][] L = new double[A.length][A.length];
        @{ stem }@.lu(A, L, order);
        return new double[][][] {permutation(order), L, A};
    }

%% endif
%% if forward_substitution
    /** ADAPT: the solution y of L y = b */
    static double[] forwardSubstitution(double[][] L, double[] b) throws Exception {
        return @{ stem }@.forwardSubstitution(L, b);
    }

%% endif
%% if backward_substitution
    /** ADAPT: the solution x of U x = y */
    static double[] backwardSubstitution(double[][] U, double[] y) throws Exception {
        return @{ stem }@.backwardSubstitution(U, y);
    }

%% endif
%% if solve
    /** ADAPT: the solution x of A x = b */
    static double[] solve(double[][] A, double[] b) throws Exception {
        return @{ stem }@.solve(A, b);
    }

%% endif
%% if inverse
    /** ADAPT: the inverse of A */
    static double[][] inverse(double[][] A) throws Exception {
        return @{ stem }@.inverse(A);
    }

%% endif
%% if determinant
    /** ADAPT: the determinant of A */
    static double determinant(double[][] A) throws Exception {
        return @{ stem }@.determinant(A);
    }

%% endif
%% if log_determinant
    /** ADAPT: the sign of the determinant of A, and the logarithm of its magnitude */
    static double[] logDeterminant(double[][] A) throws Exception {
        return @{ stem }@.logDeterminant(A);
    }

%% endif
%% if rank
    /** ADAPT: the rank of A */
    static double rank(double[][] A) throws Exception {
        return @{ stem }@.rank(A);
    }

%% endif
%% if tridiagonal
    /** ADAPT: the solution x of A x = b, from the diagonals of A */
    static double[] tridiagonal(double[][] A, double[] b) throws Exception {
        int n = b.length;
        double[] below = IntStream.range(1, n).mapToDouble(i -> A[i][i - 1]).toArray();
        double[] diagonal = IntStream.range(0, n).mapToDouble(i -> A[i][i]).toArray();
        double[] above = IntStream.range(1, n).mapToDouble(i -> A[i - 1][i]).toArray();
        return @{ stem }@.tridiagonal(below, diagonal, above, b);
    }

%% endif
%% if cholesky
    /** ADAPT: L with A = L Lᵀ */
    static double[][] cholesky(double[][] A) throws Exception {
        return @{ stem }@.cholesky(A);
    }

%% endif
%% if least_squares
    /** ADAPT: the x with the smallest residual b - A x */
    static double[] leastSquares(double[][] A, double[] b) throws Exception {
        return @{ stem }@.leastSquares(A, b);
    }

%% endif
%% if conjugate_gradient
    /** ADAPT: the solution x of A x = b for a positive definite A */
    static double[] conjugateGradient(double[][] A, double[] b) throws Exception {
        return @{ stem }@.conjugateGradient(A, b);
    }

%% endif
    // From here on, nothing depends on the program.

    public static void main(String[] args) throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String header = input.readLine(); header != null; header = input.readLine()) {
            String[] words = header.split(" ");
            double[][] system = readMatrix(input, Integer.parseInt(words[2]));
            int unknowns = system[0].length - Integer.parseInt(words[4]);
            System.err.println("case " + words[1]);
            say("case " + words[1] + "\n");
            answer(system, columns(system, 0, unknowns), columns(system, unknowns, system[0].length));
            say("end " + words[1] + "\n");
        }
    }

    static double[][] readMatrix(BufferedReader input, int rows) throws IOException {
        double[][] matrix = new double[rows][];
        for (int i = 0; i < rows; i++) {
            String[] words = input.readLine().split(" ");
            matrix[i] = Arrays.stream(words).mapToDouble(Double::parseDouble).toArray();
        }
        return matrix;
    }

    static void answer(double[][] system, double[][] A, double[][] B) {
        int unknowns = A[0].length;
        boolean isSquare = A.length == unknowns;
        boolean isSymmetric = isSquare && holds(A, (i, j) -> A[i][j] == A[j][i]);
        boolean isTridiagonal =
            isSquare && holds(A, (i, j) -> A[i][j] == 0 || Math.abs(i - j) < 2);
%% if gaussian_elimination or gauss_jordan or back_substitution
        double[][] M = system;
%% endif
%% if gaussian_elimination
        M = attempt("gaussian_elimination", "echelon",
            () -> gaussianElimination(copyOf(system), unknowns));
%% endif
%% if gauss_jordan
        if (M != null) {
            double[][] start = M;
            double[][] reduced = attempt("gauss_jordan", "reduced",
                () -> gaussJordan(copyOf(start), unknowns));
%% if not gaussian_elimination
            M = reduced;
%% endif
        }
%% endif
%% if back_substitution
        if (M != null && B[0].length == 1) {
            double[][] start = M;
            attempt("back_substitution", "solution", () -> backSubstitution(copyOf(start)));
        }
%% endif
%% if lu or forward_substitution or backward_substitution
        if (isSquare) {
            factor(A, B);
        }
%% endif
%% if solve
        // Where the program takes other shapes, claim them in port.yaml and leave out the condition.
        if (isSquare) {
            attempt("solve", "solve", () -> each(Driver::solve, A, B));
        }
%% endif
%% if inverse
        if (isSquare) {
            attempt("inverse", "inverse", () -> inverse(copyOf(A)));
        }
%% endif
%% if determinant
        if (isSquare) {
            attempt("determinant", "determinant", () -> new double[] {determinant(copyOf(A))});
        }
%% endif
%% if log_determinant
        if (isSquare) {
            attempt("log_determinant", "log_determinant", () -> logDeterminant(copyOf(A)));
        }
%% endif
%% if rank
        attempt("rank", "rank", () -> new double[] {rank(copyOf(A))});
%% endif
%% if tridiagonal
        if (isTridiagonal) {
            attempt("tridiagonal", "tridiagonal", () -> each(Driver::tridiagonal, A, B));
        }
%% endif
%% if cholesky
        if (isSymmetric) {
            attempt("cholesky", "cholesky", () -> cholesky(copyOf(A)));
        }
%% endif
%% if least_squares
        attempt("least_squares", "least_squares", () -> each(Driver::leastSquares, A, B));
%% endif
%% if conjugate_gradient
        if (isSymmetric && B[0].length == 1) {
            attempt("conjugate_gradient", "conjugate_gradient",
                () -> conjugateGradient(copyOf(A), column(B, 0)));
        }
%% endif
    }
%% if lu or forward_substitution or backward_substitution

    static void factor(double[][] A, double[][] B) {
%% if lu
        double[][][] factors = attempt("lu", "permutation lower upper", () -> lu(copyOf(A)));
        if (factors == null) {
            return;
        }
%% else
        // Without a factorisation, the triangles are those of A.
        double[][][] factors = {new double[A.length][A.length], copyOf(A), copyOf(A)};
        for (int i = 0; i < A.length; i++) {
            for (int j = 0; j < A.length; j++) {
                factors[0][i][j] = i == j ? 1 : 0;
                factors[1][i][j] = i > j ? A[i][j] : factors[0][i][j];
                factors[2][i][j] = i > j ? 0 : A[i][j];
            }
        }
%% endif
%% if forward_substitution
        double[][] PB = copyOf(B);
        for (int i = 0; i < PB.length; i++) {
            for (int j = 0; j < PB.length; j++) {
                if (factors[0][i][j] != 0) {
                    PB[i] = B[j];
                }
            }
        }
        double[][] Y = attempt("forward_substitution", "forward",
            () -> each(Driver::forwardSubstitution, factors[1], PB));
%% else
        double[][] Y = B;
%% endif
%% if backward_substitution
        if (Y != null) {
            attempt("backward_substitution", "backward",
                () -> each(Driver::backwardSubstitution, factors[2], Y));
        }
%% endif
    }
%% endif

    interface Solver {
        double[] solve(double[][] A, double[] b) throws Exception;
    }

    /** Returns the results for each column of B, as the columns of a matrix. */
    static double[][] each(Solver solver, double[][] A, double[][] B) throws Exception {
        double[][] X = null;
        for (int k = 0; k < B[0].length; k++) {
            double[] x = solver.solve(copyOf(A), column(B, k));
            if (x == null || x.length == 0) {
                throw new Refused(x == null ? "returned null" : "returned an empty array");
            }
            X = k == 0 ? new double[x.length][B[0].length] : X;
            if (x.length != X.length) {
                throw new IllegalStateException("one solution has " + x.length + " numbers");
            }
            for (int i = 0; i < X.length; i++) {
                X[i][k] = x[i];
            }
        }
        return X;
    }

    /** Prints and returns the result. Where its procedure failed, prints that and returns null. */
    static <T> T attempt(String procedure, String labels, Callable<T> stage) {
        try {
            T result = stage.call();
            if (result instanceof double[][][] matrices) {
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < matrices.length; i++) {
                    text.append(matrixText(labels.split(" ")[i], matrices[i]));
                }
                say(text.toString());
            } else if (result instanceof double[][] matrix) {
                say(matrixText(labels, matrix));
            } else if (result instanceof double[] vector && vector.length > 0) {
                say(labels + " " + vector.length + "\n" + joined(vector, "\n") + "\n");
            } else {
                throw new Refused(result == null ? "returned null" : "returned an empty array");
            }
            return result;
        } catch (Refused refusal) {
            String reason = refusal.getMessage().replaceAll("\\s+", " ");
            say("refused " + procedure + " " + reason + "\n");
            return null;
        } catch (Exception | StackOverflowError | AssertionError problem) {
            String message = problem.toString().replaceAll("\\s+", " ");
            say("failed " + procedure + " " + message + "\n");
            return null;
        }
    }

    static boolean holds(double[][] A, BiPredicate<Integer, Integer> condition) {
        for (int i = 0; i < A.length; i++) {
            for (int j = 0; j < A[0].length; j++) {
                if (!condition.test(i, j)) {
                    return false;
                }
            }
        }
        return true;
    }

    static double[][] copyOf(double[][] matrix) {
        return Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
    }

    static double[][] columns(double[][] matrix, int first, int end) {
        return Arrays.stream(matrix)
            .map(row -> Arrays.copyOfRange(row, first, end)).toArray(double[][]::new);
    }

    static double[] column(double[][] matrix, int k) {
        return Arrays.stream(matrix).mapToDouble(row -> row[k]).toArray();
    }

    /** Returns the matrix whose rows are those of the unit matrix in that order. */
    static double[][] permutation(int[] order) {
        double[][] P = new double[order.length][order.length];
        for (int i = 0; i < order.length; i++) {
            P[i][order[i]] = 1;
        }
        return P;
    }

    static String matrixText(String label, double[][] matrix) {
        if (matrix == null || matrix.length == 0 || matrix[0].length == 0) {
            throw new Refused(matrix == null ? "returned null" : "returned an empty array");
        }
        StringBuilder text = new StringBuilder();
        text.append(label).append(' ').append(matrix.length).append(' ').append(matrix[0].length);
        for (double[] row : matrix) {
            text.append('\n').append(joined(row, " "));
        }
        return text.append('\n').toString();
    }

    /** Double.toString prints a text that reads back as the same number. */
    static String joined(double[] numbers, String separator) {
        StringJoiner text = new StringJoiner(separator);
        for (double number : numbers) {
            text.add(Double.toString(number));
        }
        return text.toString();
    }

    static void say(String text) {
        System.out.print(text);
        System.out.flush();
    }
}
