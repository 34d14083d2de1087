package dev.sluice.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArchitectureTest {
    private static final String SLUICE = "dev.sluice";
    private static final String CANARIES = "dev.sluice.architecture.canary";

    private static final JavaClasses PRODUCTION = new ClassFileImporter()
            .withImportOption(ArchitectureTest::isProduction)
            .importPackages(SLUICE);
    private static final JavaClasses BAD = new ClassFileImporter().importPackages(CANARIES);

    @ParameterizedTest
    @EnumSource
    void sluice_keeps_the_rule(HouseRule rule) {
        rule.under(SLUICE).check(PRODUCTION);
    }

    @ParameterizedTest
    @EnumSource
    void the_rule_fires_on_each_of_its_canaries(HouseRule rule) {
        List<String> violations =
                rule.under(CANARIES).evaluate(BAD).getFailureReport().getDetails();

        assertThat(rule.canaries())
                .isNotEmpty()
                .allSatisfy(canary -> assertThat(violations)
                        .anySatisfy(violation -> assertThat(violation).contains(canary.getName())));
    }

    @Test
    void the_rules_see_every_module() {
        assertThat(PRODUCTION.contain("dev.sluice.telegram.BotId")).isTrue();
        assertThat(PRODUCTION.contain("dev.sluice.simulator.package-info")).isTrue();
        assertThat(PRODUCTION.contain("dev.sluice.server.package-info")).isTrue();
        assertThat(PRODUCTION.contain(ArchitectureTest.class)).isFalse();
    }

    /** A module's classes come from its folder or its jar; its tests from {@code test-classes} or {@code -tests.jar}. */
    private static boolean isProduction(Location location) {
        return !location.contains("/test-classes/") && !location.contains("-tests.jar");
    }
}
