package dev.portcullis.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the word that was probably meant: the "did you mean" of problems. */
final class Spelling {
    private static final int CHARACTERS_MAX = 64;

    private Spelling() {}

    /** The nearest word, if one is near enough: at most one edit in three characters. */
    static Optional<String> nearest(String word, Collection<String> words) {
        if (word.length() > CHARACTERS_MAX) {
            return Optional.empty();
        }
        int far = Math.max(1, word.length() / 3);
        return words.stream()
                .filter(candidate -> distance(word, candidate) <= far)
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)));
    }

    /** Edits from one to the other: insert, delete, replace, or swap neighbours. */
    static int distance(String from, String to) {
        var rows = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                rows[i][j] = i == 0 || j == 0 ? i + j : cheapest(rows, from, to, i, j);
            }
        }
        return rows[from.length()][to.length()];
    }

    private static int cheapest(int[][] rows, String from, String to, int i, int j) {
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        int edits = Math.min(rows[i - 1][j], rows[i][j - 1]) + 1;
        edits = Math.min(edits, rows[i - 1][j - 1] + (same ? 0 : 1));
        boolean swapped =
                i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
        return swapped ? Math.min(edits, rows[i - 2][j - 2] + 1) : edits;
    }
}
