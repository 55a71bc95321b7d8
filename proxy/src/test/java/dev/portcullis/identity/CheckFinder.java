package dev.portcullis.identity;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.BlockTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IfTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.ReturnTree;
import com.sun.source.tree.ThrowTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.Tree.Kind;
import com.sun.source.tree.UnaryTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.tree.YieldTree;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the checks of one class: what decides between a token and its refusal. That is every
 * operand of a condition one of whose outcomes refuses, of what a boolean helper returns, and every
 * name on a list of what must not be there. Without a check the condition comes out as it does for
 * a good token; it is evaluated all the same.
 */
final class CheckFinder extends TreePathScanner<Void, Void> {
    /** Lists of what must not be there. */
    private static final Set<String> FORBIDDEN_NAMES =
            Set.of("OTHER_KINDS", "REMOTE_KEYS", "ENCRYPTED_OR_COMPRESSED", "PRIVATE");

    /** Boolean methods and variables that are true for a flaw; the others are true without one. */
    private static final Set<String> TRUE_REFUSES =
            Set.of("isOfAnotherKind", "misspelt", "upperInAddress");

    /** Boolean methods and variables that only tell something. */
    private static final Set<String> TELLS = Set.of("has", "proves");

    private static final Pattern REFUSAL =
            Pattern.compile(
                    "TokenFlaw\\.|\\binvalid\\(|Malformed\\(|Unreadable\\(|Unnamed\\(|Refused\\(|"
                            + "\\b(flaw|headerFlaw)\\b");

    private final String name;
    private final String text;
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final Map<String, Deletion> found = new LinkedHashMap<>();

    CheckFinder(String name, String text, CompilationUnitTree unit, SourcePositions positions) {
        this.name = name;
        this.text = text;
        this.unit = unit;
        this.positions = positions;
    }

    List<Deletion> deletions() {
        scan(unit, null);
        return List.copyOf(found.values());
    }

    @Override
    public Void visitIf(IfTree node, Void nothing) {
        if (refuses(node.getThenStatement())) {
            split(node.getCondition(), true);
        }
        return super.visitIf(node, null);
    }

    @Override
    public Void visitConditionalExpression(ConditionalExpressionTree node, Void nothing) {
        boolean trueRefuses = refuses(node.getTrueExpression());
        if (trueRefuses != refuses(node.getFalseExpression())) {
            split(node.getCondition(), trueRefuses);
        }
        return super.visitConditionalExpression(node, null);
    }

    @Override
    public Void visitReturn(ReturnTree node, Void nothing) {
        var method = method();
        var value = node.getExpression();
        if (method != null
                && method.getReturnType() != null
                && method.getReturnType().toString().equals("boolean")
                && !(value instanceof LiteralTree)
                && !(value instanceof ConditionalExpressionTree)) {
            splitNamed(method.getName().toString(), value);
        }
        return super.visitReturn(node, null);
    }

    @Override
    public Void visitVariable(VariableTree node, Void nothing) {
        var variable = node.getName().toString();
        if (FORBIDDEN_NAMES.contains(variable)) {
            literals(node);
        }
        boolean isLocal = getCurrentPath().getParentPath().getLeaf() instanceof BlockTree;
        if (isLocal && "boolean".equals(String.valueOf(node.getType()))) {
            splitNamed(variable, node.getInitializer());
        }
        return super.visitVariable(node, null);
    }

    private void splitNamed(String called, ExpressionTree condition) {
        if (!TELLS.contains(called)) {
            split(condition, TRUE_REFUSES.contains(called));
        }
    }

    /** Every operand that can tip the scale alone. */
    private void split(ExpressionTree condition, boolean trueRefuses) {
        switch (condition) {
            case ParenthesizedTree inner -> split(inner.getExpression(), trueRefuses);
            case UnaryTree not when isNegatedGroup(not) -> split(not.getExpression(), !trueRefuses);
            case BinaryTree two when two.getKind() == joining(trueRefuses) -> {
                split(two.getLeftOperand(), trueRefuses);
                split(two.getRightOperand(), trueRefuses);
            }
            case BinaryTree two when two.getKind() == joining(!trueRefuses) -> {
                add(condition, trueRefuses);
                splitWithin(two.getLeftOperand(), trueRefuses);
                splitWithin(two.getRightOperand(), trueRefuses);
            }
            default -> add(condition, trueRefuses);
        }
    }

    private void splitWithin(ExpressionTree operand, boolean trueRefuses) {
        if (operand instanceof ParenthesizedTree inner) {
            splitWithin(inner.getExpression(), trueRefuses);
        } else if (operand instanceof BinaryTree two) {
            if (two.getKind() == joining(trueRefuses)) {
                split(two, trueRefuses);
            } else if (two.getKind() == joining(!trueRefuses)) {
                splitWithin(two.getLeftOperand(), trueRefuses);
                splitWithin(two.getRightOperand(), trueRefuses);
            }
        }
    }

    private static Kind joining(boolean trueRefuses) {
        return trueRefuses ? Kind.CONDITIONAL_OR : Kind.CONDITIONAL_AND;
    }

    private static boolean isNegatedGroup(UnaryTree not) {
        return not.getKind() == Kind.LOGICAL_COMPLEMENT
                && not.getExpression() instanceof ParenthesizedTree group
                && group.getExpression() instanceof BinaryTree;
    }

    private boolean refuses(@Nullable Tree outcome) {
        return switch (outcome) {
            case BlockTree block ->
                    !block.getStatements().isEmpty() && refuses(block.getStatements().getLast());
            case ReturnTree it -> refuses(it.getExpression());
            case YieldTree it -> refuses(it.getValue());
            case ThrowTree _ -> true;
            case ParenthesizedTree inner -> refuses(inner.getExpression());
            case ConditionalExpressionTree two ->
                    refuses(two.getTrueExpression()) && refuses(two.getFalseExpression());
            case LiteralTree literal -> isRefusal(literal);
            case ExpressionTree other -> {
                var said = other.toString();
                yield said.equals("Optional.empty()")
                        || (REFUSAL.matcher(said).find() && !said.contains(" ? "));
            }
            case null, default -> false;
        };
    }

    /** No flaw is good, no anything else is not. */
    private boolean isRefusal(LiteralTree literal) {
        var method = method();
        if (method == null) {
            return false;
        }
        return switch (literal.getKind()) {
            case NULL_LITERAL -> !String.valueOf(method.getReturnType()).contains("TokenFlaw");
            case BOOLEAN_LITERAL ->
                    literal.getValue().equals(TRUE_REFUSES.contains(method.getName().toString()));
            default -> false;
        };
    }

    private @Nullable MethodTree method() {
        for (TreePath at = getCurrentPath(); at != null; at = at.getParentPath()) {
            switch (at.getLeaf()) {
                case MethodTree method -> {
                    return method;
                }
                case LambdaExpressionTree lambda when lambda.getBody() instanceof BlockTree -> {
                    return null;
                }
                default -> {}
            }
        }
        return null;
    }

    private void literals(VariableTree list) {
        new TreePathScanner<Void, Void>() {
            @Override
            public Void visitLiteral(LiteralTree node, Void nothing) {
                put(node, "\"(deleted)\"", list.getName() + " " + node);
                return null;
            }
        }.scan(new TreePath(getCurrentPath(), list.getInitializer()), null);
    }

    private void add(Tree condition, boolean trueRefuses) {
        var neutral = trueRefuses ? ") && false)" : ") || true)";
        put(condition, "((" + source(condition) + neutral, condition.toString());
    }

    private void put(Tree node, String with, String what) {
        found.putIfAbsent(
                start(node) + "-" + end(node),
                new Deletion(
                        name, start(node), end(node), with, what.replaceAll("\\s+", " "), false));
    }

    private String source(Tree node) {
        return text.substring(start(node), end(node));
    }

    private int start(Tree node) {
        return (int) positions.getStartPosition(unit, node);
    }

    private int end(Tree node) {
        return (int) positions.getEndPosition(unit, node);
    }
}
