/** Which versions both comparisons install from npm. */
export const PACKAGES = ['wireit@0.14.13', 'turbo@2.11.11', 'nx@24.0.6'] as const;
