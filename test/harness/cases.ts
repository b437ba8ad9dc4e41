/** Cases of a property: few every day; `FUZZ=1000` has a thousand times as many, and CI some more. */
export const casesOf = (everyDay: number): number => everyDay * Number(process.env['FUZZ'] ?? 1);
