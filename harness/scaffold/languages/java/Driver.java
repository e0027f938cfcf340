import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.StringJoiner;
import java.util.function.Supplier;

/**
 * Reads linear systems from standard input, passes them to Elimination, and prints the results.
 * docs/protocol.md describes both sides.
 */
public class Driver {
    public static void main(String[] args) throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String header = input.readLine(); header != null; header = input.readLine()) {
            String[] words = header.split(" ");
            answer(words[1], readMatrix(input, Integer.parseInt(words[2])));
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

    static void answer(String name, double[][] system) {
        System.err.println("case " + name);
        say("case " + name + "\n");
        double[][] echelon = copyOf(system);
        boolean eliminated = attempt("gaussian_elimination", () -> {
            Elimination.gaussianElimination(echelon);
            return matrixText("echelon", echelon);
        });
        if (eliminated) {
            attempt("gauss_jordan", () -> {
                double[][] reduced = copyOf(echelon);
                Elimination.gaussJordan(reduced);
                return matrixText("reduced", reduced);
            });
            attempt("back_substitution", () -> {
                double[] x = Elimination.backSubstitution(copyOf(echelon));
                return "solution " + x.length + "\n" + joined(x, "\n") + "\n";
            });
        }
        say("end " + name + "\n");
    }

    /** Prints what the stage returns, or that its procedure failed. Returns whether it succeeded. */
    static boolean attempt(String procedure, Supplier<String> stage) {
        try {
            say(stage.get());
            return true;
        } catch (RuntimeException | StackOverflowError problem) {
            say("failed " + procedure + " " + problem.toString().replace('\n', ' ') + "\n");
            return false;
        }
    }

    static double[][] copyOf(double[][] matrix) {
        return Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
    }

    static String matrixText(String label, double[][] matrix) {
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
