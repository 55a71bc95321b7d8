package dev.portcullis.identity;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IfTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.Tree.Kind;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Shows that no check of the token validator is idle: deletes one at a time, compiles that class,
 * and counts the rows of {@code tokens/flaws.txt} that turn red. A check is what stands between a
 * token and a {@link TokenFlaw}: each operand of the condition in front of it, and each name on a
 * list of what must not be there. Run it by {@code .build/delete-each-check}.
 */
final class DeleteEachCheck {
    private static final List<String> CLASSES =
            List.of(
                    "AccessTokenRules",
                    "BearerTokens",
                    "CompactForm",
                    "DpopProofs",
                    "KeySet",
                    "TokenTimes",
                    "TokenUser",
                    "UnverifiedJwt");
    private static final Set<String> FORBIDDEN_NAMES =
            Set.of("OTHER_KINDS", "REMOTE_KEYS", "ENCRYPTED_OR_COMPRESSED");

    /** Spares work, or the compiler a worry; the same thing is checked again behind it. */
    private static final Set<String> REPEATED =
            Set.of("BearerTokens token.length() > CompactForm.CHARACTERS_MAX");

    private record Deletion(String file, long start, long end, String with, String what) {}

    private DeleteEachCheck() {}

    /** Prints a table; ends with 1 if a check can be deleted and nobody notices. */
    public static void main(String[] arguments) throws Exception {
        var sources = Path.of("src/main/java/dev/portcullis/identity");
        int idle = 0;
        int deleted = 0;
        for (var name : CLASSES) {
            var file = sources.resolve(name + ".java");
            var text = Files.readString(file);
            for (var deletion : deletions(name, text).values()) {
                var mutated =
                        text.substring(0, (int) deletion.start())
                                + deletion.with()
                                + text.substring((int) deletion.end());
                var red = rowsRed(name, mutated);
                deleted++;
                boolean survives = red.isEmpty() && !REPEATED.contains(deletion.what());
                idle += survives ? 1 : 0;
                System.out.printf(
                        "%-4s %4d red  %s  %s%n",
                        survives ? "IDLE" : "ok",
                        red.size(),
                        deletion.what(),
                        red.isEmpty() ? "" : "(" + red.getFirst() + ")");
            }
        }
        System.out.printf("%d checks deleted, %d of them unnoticed%n", deleted, idle);
        System.exit(idle == 0 ? 0 : 1);
    }

    private static Map<Long, Deletion> deletions(String name, String text) throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var task =
                (JavacTask)
                        compiler.getTask(null, null, null, null, null, List.of(source(name, text)));
        var unit = task.parse().iterator().next();
        var positions = Trees.instance(task).getSourcePositions();
        var found = new LinkedHashMap<Long, Deletion>();
        new TreePathScanner<Void, Void>() {
            @Override
            public Void visitMemberSelect(MemberSelectTree node, Void nothing) {
                if (node.getExpression().toString().equals("TokenFlaw")) {
                    climb();
                }
                return super.visitMemberSelect(node, null);
            }

            @Override
            public Void visitVariable(VariableTree node, Void nothing) {
                if (FORBIDDEN_NAMES.contains(node.getName().toString())) {
                    literals(node);
                }
                return super.visitVariable(node, null);
            }

            private void climb() {
                climb(getCurrentPath().getLeaf(), getCurrentPath().getParentPath());
            }

            @SuppressWarnings("ReferenceEquality") // The very node, not one like it.
            private void climb(Tree below, TreePath at) {
                switch (at.getLeaf()) {
                    case IfTree test when test.getThenStatement() == below ->
                            operands(test.getCondition(), Kind.CONDITIONAL_OR, "false");
                    case ConditionalExpressionTree test when test.getTrueExpression() == below ->
                            operands(test.getCondition(), Kind.CONDITIONAL_OR, "false");
                    case ConditionalExpressionTree test when test.getFalseExpression() == below ->
                            operands(test.getCondition(), Kind.CONDITIONAL_AND, "true");
                    case MethodTree _ -> {} // Nothing stands in front of it.
                    default -> climb(at.getLeaf(), at.getParentPath());
                }
            }

            private void operands(ExpressionTree condition, Kind joined, String with) {
                if (condition instanceof ParenthesizedTree inner) {
                    operands(inner.getExpression(), joined, with);
                } else if (condition instanceof BinaryTree two && two.getKind() == joined) {
                    operands(two.getLeftOperand(), joined, with);
                    operands(two.getRightOperand(), joined, with);
                } else {
                    add(condition, with, condition.toString());
                }
            }

            private void literals(VariableTree list) {
                new TreePathScanner<Void, Void>() {
                    @Override
                    public Void visitLiteral(LiteralTree node, Void nothing) {
                        add(node, "\"(deleted)\"", list.getName() + " " + node);
                        return null;
                    }
                }.scan(new TreePath(getCurrentPath(), list.getInitializer()), null);
            }

            private void add(Tree node, String with, String what) {
                long start = positions.getStartPosition(unit, node);
                long end = positions.getEndPosition(unit, node);
                found.put(start, new Deletion(name, start, end, with, name + " " + what));
            }
        }.scan(unit, null);
        return found;
    }

    /** The rows that notice; what does not compile any more, notices at once. */
    private static List<String> rowsRed(String name, String text) throws Exception {
        var folder = Files.createTempDirectory("deleted-check");
        var messages = new StringWriter();
        var options =
                List.of(
                        "-d",
                        folder.toString(),
                        "-proc:none",
                        "-nowarn",
                        "-classpath",
                        System.getProperty("java.class.path"));
        boolean compiled =
                ToolProvider.getSystemJavaCompiler()
                        .getTask(messages, null, null, options, null, List.of(source(name, text)))
                        .call();
        if (!compiled) {
            return List.of("does not compile");
        }
        var urls = new ArrayList<URL>(List.of(folder.toUri().toURL()));
        Arrays.stream(System.getProperty("java.class.path").split(":"))
                .map(DeleteEachCheck::url)
                .forEach(urls::add);
        try (var loader =
                new URLClassLoader(
                        urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            var rows = loader.loadClass("dev.portcullis.identity.TokenFlawsTest");
            var method = rows.getDeclaredMethod("red");
            method.setAccessible(true);
            return List.copyOf(
                    ((List<?>) method.invoke(null)).stream().map(String::valueOf).toList());
        }
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JavaFileObject source(String name, String text) {
        return new SimpleJavaFileObject(
                URI.create("string:///dev/portcullis/identity/" + name + ".java"),
                JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreErrors) {
                return text;
            }
        };
    }
}
