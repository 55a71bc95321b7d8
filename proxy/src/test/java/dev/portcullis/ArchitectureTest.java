package dev.portcullis;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.Reason;
import dev.portcullis.policy.Permit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The imports point one way only. {@code docs/architecture.md} says why. */
class ArchitectureTest {
    private static final String ROOT = "dev.portcullis";

    /** For anyone. */
    private static final List<String> LEAVES =
            List.of("access", "http", "runtime", "audit", "config", "metrics");

    /** Package to what it may use beside the leaves. A package that is missing here fails. */
    private static final Map<String, List<String>> MAY_USE =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("identity", List.of()),
                            Map.entry("session", List.of("identity")),
                            Map.entry("policy", List.of("identity")),
                            Map.entry("login", List.of("identity", "session")),
                            Map.entry("state", List.of("identity", "session", "policy")),
                            Map.entry("upstream", List.of("policy")),
                            Map.entry(
                                    "edge",
                                    List.of("login", "upstream", "policy", "identity", "session")),
                            Map.entry("admin", List.of("policy", "session", "login")),
                            Map.entry("client", List.of("identity")),
                            Map.entry("cli", List.of("identity", "state", "client"))));

    /** What a leaf may use: the words of another leaf, never its work. */
    private static final Map<String, List<String>> LEAF_MAY_USE =
            Map.of(
                    "config", List.of("access"),
                    "audit", List.of("runtime"),
                    "metrics", List.of("audit"),
                    "http", List.of("audit", "runtime"));

    private static final JavaClasses PRODUCTION =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages(ROOT);

    @Test
    void packages_useOnlyWhatTheirLayerMay() {
        var layers = layeredArchitecture().consideringOnlyDependenciesInLayers();
        layers = layers.layer("root").definedBy(ROOT);
        for (var name : packages()) {
            layers = layers.optionalLayer(name).definedBy(ROOT + "." + name + "..");
        }
        for (var name : packages()) {
            layers = restrict(layers, name);
        }
        layers.check(PRODUCTION);
    }

    @Test
    void everyPackage_hasALayer() {
        assertThat(PRODUCTION.stream().map(JavaClass::getPackageName))
                .allSatisfy(name ->
                        assertThat(name)
                                .isIn(
                                        Stream.concat(
                                                        Stream.of(ROOT),
                                                        packages().stream()
                                                                .map(p -> ROOT + "." + p))
                                                .toList()));
    }

    @Test
    void packages_haveNoCycles() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(PRODUCTION);
    }

    @Test
    void leaves_useTheWordsOfTheAuditLogAndNotTheLog() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + ".http", ROOT + ".metrics")
                .should()
                .dependOnClassesThat(
                        resideInAPackage(ROOT + ".audit")
                                .and(not(belongToAnyOf(Reason.class, AuditEvent.Verdict.class))))
                .check(PRODUCTION);
    }

    @Test
    void policyAndHttp_knowNoChannel() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + ".policy..", ROOT + ".http..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty.channel..")
                .check(PRODUCTION);
    }

    @Test
    void permit_isMadeByPolicyAlone() {
        noClasses()
                .that(resideOutsideOfPackage(ROOT + ".policy"))
                .should()
                .callConstructorWhere(target(owner(type(Permit.class))))
                .check(PRODUCTION);
        assertThat(Permit.class.getDeclaredConstructors())
                .allSatisfy(constructor -> assertThat(constructor.getModifiers()).isZero());
    }

    @Test
    void output_goesThroughTheLogOrACommand() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".cli..")
                .and()
                .doNotHaveFullyQualifiedName(ROOT + ".Main")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .check(PRODUCTION);
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.logging..", "org.apache.commons.logging..")
                .check(PRODUCTION);
    }

    @Test
    void netty_isMetThroughItsBuffersAndChannelsOnly() {
        noClasses()
                .that(resideOutsideOfPackage(ROOT + ".admin"))
                .should()
                .dependOnClassesThat(resideInAPackage("io.netty.handler.codec.http.."))
                .because("Netty's HTTP codec repairs what must be refused")
                .check(PRODUCTION);
        noClasses()
                .that(resideOutsideOfPackage(ROOT + ".edge"))
                .should()
                .dependOnClassesThat(resideInAPackage("io.netty.handler.codec.http2.."))
                .because("what stands behind a codec must not know which protocol it was")
                .check(PRODUCTION);
        noClasses()
                .that()
                .haveNameMatching(".*\\.edge\\.(Gate\\w*|Denials|OwnRoutesHandler|RequestTrail)")
                .should()
                .dependOnClassesThat(resideInAPackage("io.netty.handler.codec.http2.."))
                .check(PRODUCTION);
        noClasses()
                .should()
                .dependOnClassesThat(resideInAPackage("io.netty.util.internal.."))
                .check(PRODUCTION);
    }

    @Test
    void everyPackage_isNullMarked() {
        var packages = PRODUCTION.stream().map(JavaClass::getPackage).collect(Collectors.toSet());
        assertThat(packages).isNotEmpty();
        assertThat(packages)
                .allSatisfy(p ->
                        assertThat(p.isAnnotatedWith(NullMarked.class))
                                .as(p.getName() + " is @NullMarked")
                                .isTrue());
    }

    private static LayeredArchitecture restrict(LayeredArchitecture layers, String name) {
        var users =
                Stream.concat(MAY_USE.keySet().stream(), LEAVES.stream())
                        .filter(user -> mayUse(user, name))
                        .collect(Collectors.toList());
        users.add("root");
        return layers.whereLayer(name).mayOnlyBeAccessedByLayers(users.toArray(String[]::new));
    }

    private static boolean mayUse(String user, String used) {
        return LEAVES.contains(user)
                ? LEAF_MAY_USE.getOrDefault(user, List.of()).contains(used)
                : LEAVES.contains(used) || MAY_USE.get(user).contains(used);
    }

    private static List<String> packages() {
        return Stream.concat(LEAVES.stream(), MAY_USE.keySet().stream()).toList();
    }
}
