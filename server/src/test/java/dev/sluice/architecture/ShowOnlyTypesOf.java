package dev.sluice.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.PROTECTED;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import java.util.stream.Stream;

/** Satisfied by a class whose callers and heirs meet only types of these packages, type arguments included. */
final class ShowOnlyTypesOf extends ArchCondition<JavaClass> {
    private final DescribedPredicate<JavaClass> allowed;

    ShowOnlyTypesOf(String... packages) {
        super("show only types of " + Arrays.toString(packages) + " to their callers");
        allowed = resideInAnyPackage(packages);
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        Stream<JavaType> parents = Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream());
        report(type, type.getName(), parents, events);
        type.getMembers().stream()
                .filter(ShowOnlyTypesOf::isVisible)
                .forEach(member -> report(type, member.getFullName(), typesOf(member), events));
    }

    private void report(JavaClass type, String where, Stream<JavaType> types, ConditionEvents events) {
        types.flatMap(shown -> shown.getAllInvolvedRawTypes().stream())
                .map(JavaClass::getBaseComponentType)
                .filter(shown -> !shown.isPrimitive() && !allowed.test(shown))
                .distinct()
                .forEach(shown -> events.add(
                        SimpleConditionEvent.violated(type, where + " shows its callers " + shown.getName())));
    }

    private static boolean isVisible(JavaMember member) {
        return member.getModifiers().contains(PUBLIC) || member.getModifiers().contains(PROTECTED);
    }

    private static Stream<JavaType> typesOf(JavaMember member) {
        if (!(member instanceof JavaCodeUnit unit)) {
            return member.getAllInvolvedRawTypes().stream().map(JavaType.class::cast);
        }
        Stream<JavaType> thrown = unit.getThrowsClause().getTypes().stream().map(JavaType.class::cast);
        return Stream.of(Stream.of(unit.getReturnType()), unit.getParameterTypes().stream(), thrown)
                .flatMap(types -> types);
    }
}
