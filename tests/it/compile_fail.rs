//! What must not compile: one file each, which fails for the one reason that it names.

#[test]
fn what_would_leave_the_fence_does_not_compile() {
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}
